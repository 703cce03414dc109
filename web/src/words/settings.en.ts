// The English words of the settings page, loaded with it.
import type { settingsWords as zh } from './settings.ts';
import type { Widened } from './widened.ts';

export const settingsWords = {
  settings: {
    title: 'Settings',
    name: 'Your name',
    nameText:
      'Your team sees which conversation you have open and where you are writing a reply. Leave it empty to show nothing.',
    language: 'Language',
    languageText: 'The language of these pages.',
    theme: 'Theme',
    themeText: 'QR codes are always black on white.',
    themeSystem: 'System',
    themeLight: 'Light',
    themeDark: 'Dark',
    enter: 'Enter key',
    enterText: 'Enter that picks an input-method candidate never sends.',
    enterSend: 'Enter sends, Shift+Enter makes a new line',
    enterNewline: 'Ctrl+Enter sends, Enter makes a new line',
    sound: 'Sound',
    soundText: 'A soft tone for a new message: from one tab only, and never for the chat you look at or a muted one.',
    notify: 'Desktop notifications',
    notifyText: 'Shown by the browser; a click opens the conversation.',
    notifyDenied:
      'The browser forbids notifications of this page. Allow them in its site settings, left of the address.',
    quiet: 'Quiet hours',
    quietText: 'Nothing rings and nothing pops up; what is unread is still counted.',
    quietFrom: 'From',
    quietTo: 'To',
    keys: 'Single-key shortcuts',
    keysText: 'J and K move between conversations, ? shows every shortcut.',
    on: 'On',
    off: 'Off',
    about: 'About',
    aboutText: 'Several WhatsApp accounts, one live inbox. Pulseline is not an official WhatsApp product.',
    version: 'Version',
    server: 'Server',
    instance: 'Instance',
    started: 'Started',
    storage: 'These choices are kept in this browser.',
  },
} as const satisfies Widened<typeof zh>;
