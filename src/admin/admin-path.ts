/** Below this path is the admin API. */
export const ADMIN_PATH = 'admin/v1';
