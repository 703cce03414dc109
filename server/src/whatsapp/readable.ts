// What business and service messages say, as plain lines that anybody can read: buttons, lists, templates, products, orders, invitations, events. Pure; it takes no words of its own, so that it needs no language.
import type { proto } from 'baileys';
import { isPart, numberOf } from './contents.ts';

type Line = string | null | undefined | false;

/** The lines that say something, as one text. */
function lines(...all: readonly Line[]): string {
  return all
    .map((line) => (line ? line.trim() : ''))
    .filter(Boolean)
    .join('\n');
}

/** At most so many choices are written out. */
const MOST_CHOICES = 60;

function choices(all: readonly Line[]): Line {
  return lines(
    ...all
      .filter(Boolean)
      .slice(0, MOST_CHOICES)
      .map((each) => `▸ ${each}`),
  );
}

function amount(thousandths: unknown, currency: string | null | undefined): Line {
  const value = numberOf(thousandths);
  return value !== undefined && value > 0 && `${(value / 1_000).toFixed(2)} ${currency ?? ''}`;
}

/** To the minute, in UTC: the reader's zone is not known here. */
function moment(seconds: unknown): string {
  const value = numberOf(seconds);
  if (value === undefined || value <= 0 || value > 8.64e12) return '';
  return `${new Date(value * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

type Reading = (content: proto.IMessage) => string | undefined;

/** By the field that holds it. What is not here has no words. */
const readings: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  [
    'buttonsMessage',
    ({ buttonsMessage: said }) =>
      lines(
        said?.text,
        said?.contentText,
        said?.footerText,
        choices((said?.buttons ?? []).map(({ buttonText }) => buttonText?.displayText)),
      ),
  ],
  [
    'buttonsResponseMessage',
    ({ buttonsResponseMessage: said }) => said?.selectedDisplayText || said?.selectedButtonId || '',
  ],
  [
    'listMessage',
    ({ listMessage: said }) =>
      lines(
        said?.title,
        said?.description !== said?.title && said?.description,
        said?.footerText,
        choices(
          (said?.sections ?? []).flatMap(({ rows }) =>
            (rows ?? []).map(({ title, description }) => [title, description].filter(Boolean).join(' – ')),
          ),
        ),
      ),
  ],
  [
    'listResponseMessage',
    ({ listResponseMessage: said }) =>
      lines(
        said?.title || said?.singleSelectReply?.selectedRowId,
        said?.description !== said?.title && said?.description,
      ),
  ],
  ['templateMessage', ({ templateMessage }) => ofTemplate(templateMessage)],
  [
    'templateButtonReplyMessage',
    ({ templateButtonReplyMessage: said }) => said?.selectedDisplayText || said?.selectedId || '',
  ],
  [
    'highlyStructuredMessage',
    ({ highlyStructuredMessage: said }) =>
      ofTemplate(said?.hydratedHsm) || lines(said?.elementName, ...(said?.params ?? [])),
  ],
  ['interactiveMessage', ({ interactiveMessage }) => ofInteractive(interactiveMessage)],
  [
    'interactiveResponseMessage',
    ({ interactiveResponseMessage: said }) =>
      said?.body?.text ||
      named(said?.nativeFlowResponseMessage?.paramsJson) ||
      said?.nativeFlowResponseMessage?.name ||
      '',
  ],
  [
    'productMessage',
    ({ productMessage: said }) =>
      lines(
        said?.product?.title,
        amount(said?.product?.priceAmount1000, said?.product?.currencyCode),
        said?.product?.description,
        said?.body,
        said?.footer,
        said?.product?.url,
      ),
  ],
  [
    'orderMessage',
    ({ orderMessage: said }) =>
      lines(
        said?.orderTitle,
        said?.itemCount ? `× ${said.itemCount}` : '',
        amount(said?.totalAmount1000, said?.totalCurrencyCode),
        said?.message,
      ),
  ],
  ['invoiceMessage', ({ invoiceMessage: said }) => lines(said?.note)],
  ['sendPaymentMessage', ({ sendPaymentMessage: said }) => plainText(said?.noteMessage)],
  [
    'requestPaymentMessage',
    ({ requestPaymentMessage: said }) =>
      lines(amount(said?.amount1000, said?.currencyCodeIso4217), plainText(said?.noteMessage)),
  ],
  [
    'groupInviteMessage',
    ({ groupInviteMessage: said }) =>
      lines(said?.groupName, said?.caption, said?.inviteCode && `https://chat.whatsapp.com/${said.inviteCode}`),
  ],
  [
    'newsletterAdminInviteMessage',
    ({ newsletterAdminInviteMessage: said }) => lines(said?.newsletterName, said?.caption),
  ],
  [
    'newsletterFollowerInviteMessageV2',
    ({ newsletterFollowerInviteMessageV2: said }) => lines(said?.newsletterName, said?.caption),
  ],
  [
    'eventMessage',
    ({ eventMessage: said }) =>
      lines(
        said?.name && `${said.isCanceled === true ? '✕ ' : ''}${said.name}`,
        [moment(said?.startTime), moment(said?.endTime)].filter(Boolean).join(' – '),
        said?.location?.name,
        said?.location?.address,
        said?.description,
        said?.joinLink,
      ),
  ],
  [
    'scheduledCallCreationMessage',
    ({ scheduledCallCreationMessage: said }) =>
      lines(said?.title, moment((numberOf(said?.scheduledTimestampMs) ?? 0) / 1_000)),
  ],
  ['bcallMessage', ({ bcallMessage: said }) => lines(said?.caption)],
  [
    'stickerPackMessage',
    ({ stickerPackMessage: said }) => lines(said?.name, said?.publisher, said?.packDescription, said?.caption),
  ],
  [
    'pollResultSnapshotMessage',
    ({ pollResultSnapshotMessage: said }) =>
      lines(
        said?.name,
        choices(
          (said?.pollVotes ?? []).map((vote) => `${vote.optionName ?? ''}: ${numberOf(vote.optionVoteCount) ?? 0}`),
        ),
      ),
  ],
  ['questionResponseMessage', ({ questionResponseMessage: said }) => lines(said?.text)],
  ['statusQuestionAnswerMessage', ({ statusQuestionAnswerMessage: said }) => lines(said?.text)],
]);

/** What the content says in words; undefined for a kind without any. */
export function readableOf(content: proto.IMessage, rawType: string): string | undefined {
  return readings.get(rawType)?.(content);
}

/** The kinds that become text. */
export const readableTypes: readonly string[] = [...readings.keys()];

function plainText(message: proto.IMessage | null | undefined): string {
  return message?.conversation ?? message?.extendedTextMessage?.text ?? '';
}

function ofTemplate(said: proto.Message.ITemplateMessage | null | undefined): string {
  const filled = said?.hydratedTemplate ?? said?.hydratedFourRowTemplate;
  if (!filled) return ofInteractive(said?.interactiveMessageTemplate);
  return lines(
    filled.hydratedTitleText,
    filled.hydratedContentText,
    filled.hydratedFooterText,
    choices(
      (filled.hydratedButtons ?? []).map(({ quickReplyButton, urlButton, callButton }) => {
        const url = urlButton && [urlButton.displayText, urlButton.url].filter(Boolean).join(' ');
        const call = callButton && [callButton.displayText, callButton.phoneNumber].filter(Boolean).join(' ');
        return quickReplyButton?.displayText || url || call;
      }),
    ),
  );
}

const MOST_SLIDES = 20;

function ofInteractive(said: proto.Message.IInteractiveMessage | null | undefined, depth = 0): string {
  if (!said || depth > 2) return '';
  const slides = (said.carouselMessage?.cards ?? []).slice(0, MOST_SLIDES);
  return lines(
    said.header?.title,
    said.header?.subtitle,
    said.body?.text,
    said.footer?.text,
    choices(
      (said.nativeFlowMessage?.buttons ?? []).map(({ name, buttonParamsJson }) => named(buttonParamsJson) || name),
    ),
    ...slides.map((slide) => ofInteractive(slide, depth + 1)),
  );
}

/** The words in a button's or an answer's own JSON. */
function named(json: string | null | undefined): string {
  if (!json || json.length > 65_536) return '';
  try {
    const value: unknown = JSON.parse(json);
    if (!isPart(value)) return '';
    const words = ['display_text', 'title', 'description', 'text'].map((name) => value[name]);
    return words.find((word) => typeof word === 'string' && word !== '')?.toString() ?? '';
  } catch {
    return '';
  }
}
