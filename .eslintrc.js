// The flat configuration. Editors find it through eslint.config.js.
import eslint from '@eslint/js';
import simpleImportSort from 'eslint-plugin-simple-import-sort';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'api/', '.build-*', 'coverage/', 'node_modules/', 'src/console/public/vendor/'] },
  eslint.configs.recommended,
  {
    plugins: { 'simple-import-sort': simpleImportSort },
    // One block without blank lines: side effects, Node, packages, our own files from far to near.
    rules: { 'simple-import-sort/imports': ['error', { groups: [['^\\u0000', '^node:', '^@?\\w', '^', '^\\.']] }] },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it'] }] },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      // Nest's modules are classes with nothing but a decorator, as are the DTOs of messages without a body.
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowConstructorOnly: true, allowEmpty: true, allowWithDecorator: true },
      ],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowBoolean: true, allowNumber: true }],
      // A handler that has nothing to wait for returns no promise, which the hot path would pay for: `void | Promise<void>`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // DTOs and options are plain data: their prototypes do not matter.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // With noUncheckedIndexedAccess, `!` is how code says that an index is within the bounds it has just checked.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Without noUncheckedIndexedAccess, the check of an index that may be out of bounds looks unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    // Their own tsconfig.json finds Signalbox only where it is installed.
    files: ['test/apps/*/**/*.ts', 'examples/**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, project: ['tsconfig.json', 'test/tsconfig.json'] } },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['src/*/public/**/*.js'],
    languageOptions: { globals: globals.browser },
  },
);
