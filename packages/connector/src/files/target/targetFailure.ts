import { ConnectorError, FileTransferError, summaryOf } from '../../errors.js';

/** An error of the system or of a stream as one of ours; one of ours stays what it is. */
export function targetFailure(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  return new FileTransferError(
    'FILE_TARGET_FAILED',
    `The file cannot be written; ${nextStep(systemCode(error))}. (${summaryOf(error)})`,
    { cause: error },
  );
}

/** The code of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function nextStep(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'the folder is missing: make it, end its path with "/" to have it made, or choose another';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'something that is no folder is in the way: choose another folder';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'this user may not write there: choose another folder, or change its permissions';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full: make room, or choose another';
    case 'EFBIG':
      return 'the system takes no file of this size: choose another disk';
    case 'ENAMETOOLONG':
      return 'the system takes no name of this length: choose another';
    default:
      return 'see "cause", or choose another target';
  }
}
