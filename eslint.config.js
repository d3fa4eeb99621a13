// ESLint and editors look for this name.
export { default } from './.eslintrc.js';
