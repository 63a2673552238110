export { FakeClock } from './fakeClock.js';
export { TestChat, type TestConfig } from './testChat.js';
export { TestUser, type HeardMessage } from './testUser.js';
