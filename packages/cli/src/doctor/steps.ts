/** The checks, in order. */
export const STEPS = [
  'pinFile',
  'dns',
  'tcp',
  'tls',
  'pin',
  'signature',
  'keyExchange',
  'login',
  'echo',
  'roundTrip',
  'protocolVersion',
  'sizes',
] as const;

export type StepName = (typeof STEPS)[number];

export const STEP_TITLES: Readonly<Record<StepName, string>> = {
  pinFile: 'pin file',
  dns: 'DNS',
  tcp: 'TCP',
  tls: 'TLS',
  pin: 'pin',
  signature: 'signature',
  keyExchange: 'key exchange',
  login: 'login',
  echo: 'echo',
  roundTrip: 'round trip',
  protocolVersion: 'version',
  sizes: 'sizes',
};

/** The direct prerequisites of each step. */
export const STEP_NEEDS: Readonly<Record<StepName, readonly StepName[]>> = {
  pinFile: [],
  dns: [],
  tcp: ['dns'],
  tls: ['tcp'],
  pin: ['tls', 'pinFile'],
  signature: ['pin'],
  keyExchange: ['signature'],
  login: ['keyExchange'],
  echo: ['login'],
  roundTrip: ['login'],
  protocolVersion: ['login'],
  sizes: ['echo'],
};
