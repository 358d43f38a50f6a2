'use strict';
// Lets TypeScript that tsx runs import .sql files as text, as esbuild bundles them.
const { readFileSync } = require('node:fs');

require.extensions['.sql'] = (module, path) => {
  module.exports = { __esModule: true, default: readFileSync(path, 'utf8') };
};
