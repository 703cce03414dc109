// Makes the faults of a round: on the line to WhatsApp, at WhatsApp, on the dashboard's line, with clock and disk. It waits for nothing.
import type { Gateway } from './gateway.ts';
import type { LinkFault, WholeFault } from './plan.ts';
import type { Scene } from './scene.ts';

/** False if the gateway has nothing that this fault could hit. */
export async function faultAt(scene: Scene, gateway: Gateway, fault: LinkFault): Promise<boolean> {
  const { line, emulator } = scene;
  switch (fault) {
    case 'wa-rst':
      return line.cut('rst') > 0;
    case 'wa-fin':
      return line.cut('fin') > 0;
    case 'wa-half-open':
      return line.cut('silent') > 0;
    case 'wa-stall':
      line.set({ both: { stalled: true } });
      return true;
    case 'server-drop':
      await emulator.fault({ kind: 'drop' });
      return true;
    case 'server-stream-error':
      await emulator.fault({ kind: 'stream-error', code: 503 });
      return true;
    case 'server-garbage':
      await emulator.fault({ kind: 'garbage' });
      return true;
    case 'corrupt':
      await emulator.fault({ kind: 'corrupt-next', n: 2 });
      return true;
    case 'no-ack':
      await emulator.fault({ kind: 'no-ack', n: 1 });
      return true;
    case 'clock-forward':
      scene.moveClock(1);
      return true;
    case 'clock-back':
      scene.moveClock(-1);
      return true;
    case 'dashboard-rst':
    case 'dashboard-half-open':
      return gateway.dashboardFault(fault);
  }
}

export async function beginWhole({ line, emulator, disk }: Scene, fault: WholeFault): Promise<void> {
  switch (fault) {
    case 'wa-rst':
      line.cut('rst');
      return;
    case 'wa-half-open':
      line.cut('silent');
      return;
    case 'server-silence':
      return emulator.fault({ kind: 'silence', on: true });
    case 'disk-full':
      disk.fill();
  }
}

export async function endWhole({ emulator, disk }: Scene, fault: WholeFault): Promise<void> {
  if (fault === 'disk-full') disk.free();
  if (fault === 'server-silence') await emulator.fault({ kind: 'silence', on: false });
}
