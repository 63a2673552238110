import { testGroups } from './serverCases.js';

testGroups('1.2');
