/**
 * Restores the line mode of the terminal before SIGQUIT ends the process: Node does so only at an ordinary exit.
 * The full screen adds a listener of its own, which runs first.
 */
export function restoreTerminalAtQuit(): void {
  process.once('SIGQUIT', () => {
    if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
    process.kill(process.pid, 'SIGQUIT');
  });
}
