// The English words of what stands beside the accounts: the guide's checklist and the latest events, loaded with it.
import type { checklistWords as zh } from './checklist.ts';
import type { Widened } from './widened.ts';

export const checklistWords = {
  feed: {
    title: 'Latest events',
    empty: 'New events appear here.',
  },
  checklist: {
    title: 'Checklist',
    server: 'The server runs on port {port}',
    web: 'The page opens at {origin}',
    console: 'The browser console shows {line}',
    page: 'The test page /test-ws shows the connection',
    whatsapp: 'WhatsApp is logged in by a scan (state = READY)',
    message: 'A test message arrives and is shown at once',
    done: 'done',
    open: 'not done',
    serverProof: '/status answered in {ms} ms, version {version}',
    serverChecking: 'asking /status',
    consoleProof: 'written to the console at {time}',
    pageProof: 'connected, connection id {id}',
    whatsappProof: '{label} is READY since {time}',
    whatsappUnknown: 'known once the server is connected',
    whatsappNone: 'no account yet; add one and scan',
    whatsappWait: '{label}: {state}',
    echoProof: 'test message back in {ms} ms',
    messageProof: 'the new message of {time} was shown after {ms} ms',
    messageNone: 'send a test message on the diagnosis page, or let a contact write',
  },
} as const satisfies Widened<typeof zh>;
