// The pages there are, in the order in which the rail, the tabs and the palette show them.
import { Activity, FlaskConical, Inbox, type LucideIcon, Settings, Smartphone } from 'lucide-react';

interface Place {
  readonly href: string;
  readonly name: 'inbox' | 'accounts' | 'diagnosis' | 'sandbox' | 'settings';
  readonly icon: LucideIcon;
}

export const places: readonly Place[] = [
  { href: '/', name: 'accounts', icon: Smartphone },
  { href: '/inbox', name: 'inbox', icon: Inbox },
  { href: '/test-ws', name: 'diagnosis', icon: Activity },
  { href: '/sandbox', name: 'sandbox', icon: FlaskConical },
  { href: '/settings', name: 'settings', icon: Settings },
];
