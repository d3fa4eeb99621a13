// `signalbox/admin`: the admin REST API and its documentation.
export { AdminModule } from '../admin/admin.module.js';
export { serveDocs } from '../openapi.js';
