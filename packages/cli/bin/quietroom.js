#!/usr/bin/env node
// Stands before the build, so that npm can link the command in a fresh clone.
await import('#src/main.js');
