#!/usr/bin/env node
'use strict';
// npm's bin must be JavaScript; the command itself is TypeScript, which tsx runs directly.
require('tsx/cjs');
require('./sluice.ts');
