// The table of write commands: which decision answers which; the decisions are in the files named here.
import type { Language } from '@pulseline/protocol';
import type { Handlers } from '../store/port.ts';
import { changeAccount, countQueue, createAccount, forgetLogin, removeAccount, seeState } from './accounts.ts';
import { changeConversation, deleteConversation, forgetTexts } from './arrangement.ts';
import { canary } from './canary.ts';
import type { Commands } from './commands.ts';
import { openConversation } from './conversations.ts';
import { enqueueErrand } from './errands.ts';
import { removeMessage, starMessage } from './for-us.ts';
import { importChat } from './imported.ts';
import { ingest } from './ingest.ts';
import { addUpload, cancelMedia, dropMedia, removeUploads, wantMedia } from './media.ts';
import { markRead } from './read.ts';
import { disappear, expireEvents, expireMessages } from './retention.ts';
import { enqueueSend, retrySend } from './send.ts';
import { enqueueChange } from './send-change.ts';
import { addNote, arrangeWork, assign, changeWorkspace, putLabel, putReply, removeLabel, removeReply } from './team.ts';

/** The decisions, with the server's own texts in one language. */
export function handlersIn(language: Language): Handlers<Commands> {
  return {
    ingest: ingest(language),
    create_account: createAccount,
    change_account: changeAccount,
    remove_account: removeAccount,
    forget_login: forgetLogin,
    enqueue_send: enqueueSend,
    enqueue_change: enqueueChange,
    remove_message: removeMessage,
    star_message: starMessage,
    retry_send: retrySend,
    count_queue: countQueue,
    mark_read: markRead,
    change_conversation: changeConversation,
    delete_conversation: deleteConversation,
    forget_texts: forgetTexts,
    enqueue_errand: enqueueErrand,
    open_conversation: openConversation,
    import_chat: importChat,
    expire_messages: expireMessages,
    disappear,
    expire_events: expireEvents,
    assign,
    arrange_work: arrangeWork,
    add_note: addNote,
    put_label: putLabel,
    remove_label: removeLabel,
    put_reply: putReply,
    remove_reply: removeReply,
    change_workspace: changeWorkspace,
    see_state: seeState,
    add_upload: addUpload,
    remove_uploads: removeUploads,
    want_media: wantMedia,
    cancel_media: cancelMedia(language),
    drop_media: dropMedia,
    canary,
    probe: { reads: () => ({}), decide: () => ({ changes: [], output: null }) },
  };
}

export const handlers: Handlers<Commands> = handlersIn('zh');
