// The English words of the work on a conversation, loaded with its bar.
import type { Widened } from './widened.ts';
import type { workWords as zh } from './work.ts';

export const workWords = {
  work: {
    assign: 'Assignee:',
    unassigned: 'Unassigned',
    toMe: 'Assign to me',
    toNobody: 'Unassign',
    assignedDone: 'Assigned to {name}',
    unassignedDone: 'Unassigned',
    snooze: 'Snooze',
    snooze1h: 'For 1 hour',
    snooze3h: 'For 3 hours',
    snoozeTomorrow: 'Tomorrow at 9',
    snoozeWeek: 'Next Monday at 9',
    snoozedUntil: 'Snoozed until {time}',
    snoozedDone: 'Snoozed',
    close: 'Close',
    closed: 'Closed',
    closedDone: 'Closed; it opens again when the customer writes',
    open: 'Open again',
    openedDone: 'Open again',
    labels: 'Labels',
    manageLabels: 'Manage labels…',
  },
} as const satisfies Widened<typeof zh>;
