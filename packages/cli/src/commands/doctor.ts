import { Command } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import type { DoctorFlags } from '../doctor/doctorCommand.js';
import { examples } from './definition.js';

export function doctorCommand(): Command {
  return addClientOptions(new Command('doctor'), '"doctor-" and some digits')
    .description(
      'Find out why a server cannot be reached or used: takes each step from the name of the host to long messages, and says cause and next step. Nobody else on the server gets anything, but for the notice that a user came and left.',
    )
    .option('--full', 'say host, addresses, user, file and fingerprints, too')
    .option('--json', 'write one JSON object')
    .addHelpText(
      'after',
      examples([
        ['quietroom doctor --host chat.example', 'a report that can be pasted anywhere'],
        ['quietroom doctor --full --username alice', 'with names, and as the user that has trouble'],
      ]),
    )
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../doctor/doctorCommand.js');
      await doctor(flags);
    });
}
