/** The path prefix of the admin API. */
export const ADMIN_PATH = 'admin/v1';
