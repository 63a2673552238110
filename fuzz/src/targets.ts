import { configTargets } from './configTarget.js';
import { decoderTarget } from './decoderTarget.js';
import { fileTarget } from './fileTarget.js';
import { recordingTarget, sessionTargets } from './sessionTarget.js';
import type { Target } from './target.js';
import { clientRequestTarget, serverMessageTarget } from './textTargets.js';

export const TARGETS: readonly Target[] = [
  decoderTarget,
  ...sessionTargets,
  recordingTarget,
  serverMessageTarget,
  clientRequestTarget,
  fileTarget,
  ...configTargets,
];
