#!/usr/bin/env node
// Stands before the build, so that npm can link the command in a fresh clone.
import { holdHangup } from '#src/signals/earlyHangup.js';

// The other modules take longer to load than some supervisors wait before they send SIGHUP.
if (process.argv[2] === 'serve') holdHangup();
await import('#src/main.js');
