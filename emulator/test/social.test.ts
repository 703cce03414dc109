// Calls, status posts, channels, pictures, privacy and blocking through bare Baileys.
import { describe, expect, it } from 'vitest';
import { connect, eventually, opened, pair, synced } from './bare.ts';
import { desk } from './desk.ts';
import { closing } from './setup.ts';

const at = desk();

describe('a call', () => {
  it('rings, by voice or with a picture, and is hung up', async () => {
    const call = await at.contact.call('Desk', { video: true });
    await at.told('call', { id: call.id, status: 'offer', isVideo: true, callerPn: at.contact.pn });
    await at.server.endCall(call.id, 'terminate');
    await at.told('call', { id: call.id, status: 'terminate' });
    await at.quiet();
  });

  it('is missed when nobody answers: a message tells of it', async () => {
    const call = await at.contact.call('Desk');
    await at.server.endCall(call.id, 'timeout');
    await at.told('call', { id: call.id, status: 'timeout' });
    const missed = await eventually(
      () => at.bare.upserts.find(({ message }) => message.key.id === call.id)?.message,
      'the message',
    );
    expect(missed.messageStubType).toBe(40);
  });

  it('is refused by the client, once', async () => {
    const call = await at.contact.call('Desk');
    await at.told('call', { id: call.id, status: 'offer' });
    await at.bare.sock.rejectCall(call.id, at.contact.pn);
    expect(at.server.calls().find(({ id }) => id === call.id)?.state).toBe('reject');
    await expect(at.server.endCall(call.id, 'accept')).rejects.toMatchObject({ code: 'UNKNOWN_CALL' });
  });

  it('is taken on the phone', async () => {
    const call = await at.contact.call('Desk');
    await at.server.endCall(call.id, 'accept');
    await at.told('call', { id: call.id, status: 'accept' });
  });

  it('of a group bears the group', async () => {
    const call = await at.contact.call('Desk', { group: '120363000000000009@g.us' });
    await at.told('call', { id: call.id, isGroup: true, groupJid: '120363000000000009@g.us' });
  });

  it('gets a link', async () => {
    expect(await at.bare.sock.createCallLink('audio')).toMatch(/^[\w-]{16}$/);
  });
});

describe('a status post', () => {
  it('of a contact arrives, and a second one by the same key', async () => {
    const first = await at.contact.postStatus({ kind: 'text', text: '今日特价' });
    const second = await at.contact.postStatus({ kind: 'text', text: 'closed' });
    const posts = await eventually(() => {
      const found = at.bare.upserts.filter(({ message }) => message.key.remoteJid === 'status@broadcast');
      return found.length >= 2 && found;
    }, 'two posts');
    expect(posts.map(({ message }) => message.key.id)).toEqual([first, second]);
    expect(posts[0]?.message.message?.conversation ?? posts[0]?.message.message?.extendedTextMessage?.text).toBe(
      '今日特价',
    );
    expect(posts[0]?.message.key.participant).toBe(at.contact.lid);
  });

  it('of the client reaches the contacts that it names', async () => {
    const [one, two] = [at.server.contact({ name: 'One' }), at.server.contact({ name: 'Two' })];
    await at.bare.sock.sendMessage('status@broadcast', { text: '上新' }, { statusJidList: [one.pn] });
    const kept = await eventually(() => one.inbox()[0], 'the post');
    expect(kept).toMatchObject({ to: 'status@broadcast', text: '上新', from: at.phone.pn });
    expect(two.inbox()).toEqual([]);
  });
});

describe('a channel', () => {
  it('posts to its followers in the open, and they acknowledge', async () => {
    const channel = await at.server.channel({ name: '新闻', followers: [at.phone.id] });
    const serverId = await at.server.postToChannel(channel.id, { kind: 'text', text: '大家好' });
    const post = await eventually(
      () => at.bare.upserts.find(({ message }) => message.key.remoteJid === channel.id)?.message,
      'the post',
    );
    expect(post.message?.conversation).toBe('大家好');
    expect(post.key).toMatchObject({ server_id: String(serverId) });
    await at.quiet();
  });

  it('is followed, muted, described, asked for its posts, and left', async () => {
    const channel = await at.server.channel({ name: 'Shop', description: 'deals', followers: [] });
    await at.server.postToChannel(channel.id, { kind: 'text', text: 'before' });
    await at.bare.sock.newsletterFollow(channel.id);
    expect(at.server.channels().find(({ id }) => id === channel.id)?.followers).toBe(1);
    await at.bare.sock.newsletterMute(channel.id);
    const metadata: unknown = await at.bare.sock.newsletterMetadata('jid', channel.id);
    expect(metadata).toMatchObject({ thread_metadata: { name: { text: 'Shop' } }, viewer_metadata: { mute: 'ON' } });
    const posts: unknown = await at.bare.sock.newsletterFetchMessages(channel.id, 10, 0, 0);
    expect(JSON.stringify(posts)).toContain('server_id');
    await at.bare.sock.newsletterUnfollow(channel.id);
    expect(at.server.channels().find(({ id }) => id === channel.id)?.followers).toBe(0);
  });

  it('is made by the client, and others react', async () => {
    const made = await at.bare.sock.newsletterCreate('Ours', 'by us');
    expect(made.name).toBe('Ours');
    const post = await at.server.postToChannel(made.id, { kind: 'text', text: 'hi' });
    await at.server.reactInChannel(made.id, post, '👍');
    await at.told('newsletter.reaction', { id: made.id, server_id: String(post), reaction: { code: '👍' } });
    await at.bare.sock.newsletterReactMessage(made.id, String(post), '❤️');
    const kept = () => at.server.channels().find(({ id }) => id === made.id)?.posts[0]?.reactions;
    expect(kept()).toEqual({ '👍': 1, '❤️': 1 });
  });

  it('that is not there is an error', async () => {
    await expect(at.bare.sock.newsletterMetadata('jid', '1@newsletter')).rejects.toThrow('not found');
  });
});

describe('a profile', () => {
  it('has a picture with an address, tells of a new one, and of none', async () => {
    expect(await pictureOf(at.contact.pn)).toBeUndefined();
    await at.contact.send({ to: 'Desk', text: 'we know each other' });
    await at.contact.picture();
    await at.told('contacts.update', { id: at.contact.pn, imgUrl: 'changed' });
    expect(await at.bare.sock.profilePictureUrl(at.contact.pn, 'image')).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/v\//);
    await at.contact.picture(null);
    await at.told('contacts.update', { id: at.contact.pn, imgUrl: 'removed' });
    expect(await pictureOf(at.contact.pn)).toBeUndefined();
  });

  it('hides its picture from whom it does not want', async () => {
    const shy = at.server.contact({ name: 'Shy' });
    await shy.picture();
    await shy.privacy('profile', 'none');
    expect(await pictureOf(shy.pn)).toBeUndefined();
  });

  it('of a group has a picture', async () => {
    const group = await at.server.group({ subject: 'Pictured', owner: at.contact.id, members: [at.phone.id] });
    await at.server.groupPicture(group.id);
    await at.told('contacts.update', { id: group.id, imgUrl: 'changed' });
    expect(await at.bare.sock.profilePictureUrl(group.id)).toContain('/v/');
  });

  it('has words about itself, both ways', async () => {
    await at.contact.about('在忙');
    const [status] = (await at.bare.sock.fetchStatus(at.contact.pn)) ?? [];
    expect(status).toMatchObject({ status: { status: '在忙' } });
    await at.bare.sock.updateProfileStatus('open 9-18');
    const [own] = (await at.bare.sock.fetchStatus(at.phone.pn)) ?? [];
    expect(own).toMatchObject({ status: { status: 'open 9-18' } });
  });
});

describe('privacy', () => {
  it('is kept by category', async () => {
    await at.bare.sock.updateLastSeenPrivacy('none');
    await at.bare.sock.updateReadReceiptsPrivacy('none');
    expect(await at.bare.sock.fetchPrivacySettings(true)).toMatchObject({
      last: 'none',
      readreceipts: 'none',
      profile: 'all',
    });
    await at.bare.sock.updateReadReceiptsPrivacy('all');
    expect(await at.bare.sock.fetchPrivacySettings(true)).toMatchObject({ readreceipts: 'all' });
  });

  it('hides when somebody was here', async () => {
    const shy = at.server.contact({ name: 'Shy' });
    await shy.online(true);
    await shy.privacy('online', 'none');
    await shy.privacy('last', 'none');
    await at.bare.sock.presenceSubscribe(shy.pn);
    await at.told('presence.update', { id: shy.pn, presences: { [shy.pn]: { lastKnownPresence: 'unavailable' } } });
  });

  it('has a default of disappearing', async () => {
    await at.bare.sock.updateDefaultDisappearingMode(86_400);
    const [own] = (await at.bare.sock.fetchDisappearingDuration(at.phone.pn)) ?? [];
    expect(own).toMatchObject({ disappearing_mode: { duration: 86_400 } });
  });
});

describe('who is blocked', () => {
  it('is heard no more until that is taken back, and other devices are told', async () => {
    const pest = at.server.contact({ name: 'Pest' });
    const [first] = await pest.send({ to: 'Desk', text: 'one' });
    await eventually(() => at.bare.upserts.some(({ message }) => message.key.id === first), 'the first');
    const second = closing(await pair(at.server.plainUrl, (qr) => at.phone.scan(qr)));
    const updates: unknown[] = [];
    second.sock.ev.on('blocklist.update', (update) => updates.push(update));
    await at.bare.sock.updateBlockStatus(pest.pn, 'block');
    expect(await at.bare.sock.fetchBlocklist()).toEqual([pest.lid]);
    await eventually(() => updates.length > 0, 'the other device');
    const [unheard = ''] = await pest.send({ to: 'Desk', text: 'two' });
    await at.bare.sock.updateBlockStatus(pest.pn, 'unblock');
    const [third] = await pest.send({ to: 'Desk', text: 'three' });
    await eventually(() => at.bare.upserts.some(({ message }) => message.key.id === third), 'the third');
    expect(at.bare.upserts.some(({ message }) => message.key.id === unheard)).toBe(false);
    expect(pest.messages().find(({ id }) => id === unheard)?.status).toBe('sent');
  });

  it('may be a client: the contact does not get what it writes', async () => {
    const cold = at.server.contact({ name: 'Cold' });
    await cold.block(at.phone.id);
    const sent = await at.bare.sock.sendMessage(cold.pn, { text: 'hello?' });
    const ticked = () => at.bare.stanzas.some(({ tag, attrs }) => tag === 'ack' && attrs.id === sent?.key.id);
    await eventually(ticked, 'the tick');
    await cold.block(at.phone.id, false);
    await at.bare.sock.sendMessage(cold.pn, { text: 'hello!' });
    await eventually(() => cold.inbox().length > 0, 'the second');
    expect(cold.inbox().map(({ text }) => text)).toEqual(['hello!']);
  });
});

describe('a group', () => {
  it('is joined by its link, which can be renewed, and has a time to disappear', async () => {
    const group = await at.bare.sock.groupCreate('Open', []);
    const code = (await at.bare.sock.groupInviteCode(group.id)) ?? '';
    const other = closing(await pair(at.server.plainUrl, (qr) => at.server.phone({ name: 'Other' }).scan(qr)));
    expect((await other.sock.groupGetInviteInfo(code)).subject).toBe('Open');
    expect(await other.sock.groupAcceptInvite(code)).toBe(group.id);
    await at.told('group-participants.update', { id: group.id, action: 'add' });
    expect(await at.bare.sock.groupRevokeInvite(group.id)).not.toBe(code);
    await expect(other.sock.groupGetInviteInfo(code)).rejects.toThrow('not-acceptable');
    await at.bare.sock.groupToggleEphemeral(group.id, 604_800);
    expect((await other.sock.groupMetadata(group.id)).ephemeralDuration).toBe(604_800);
  });
});

describe('a community', () => {
  it('is founded by the client, with a group for announcements and a general one', async () => {
    const made = await at.bare.sock.communityCreate('小区', '业主之家');
    expect(made).toMatchObject({ subject: '小区', isCommunity: true });
    const id = made?.id ?? '';
    const { linkedGroups, isCommunity } = await at.bare.sock.communityFetchLinkedGroups(id);
    expect(isCommunity).toBe(true);
    expect(linkedGroups.map(({ subject }) => subject)).toEqual(['小区', 'General']);
    const announcements = await at.bare.sock.groupMetadata(linkedGroups[0]?.id ?? '');
    expect(announcements).toMatchObject({ isCommunityAnnounce: true, announce: true, linkedParent: id });
    expect(await at.bare.sock.communityMetadata(id)).toMatchObject({ id, isCommunity: true, joinApprovalMode: true });
    expect(Object.keys(await at.bare.sock.communityFetchAllParticipating())).toEqual([id]);
    await at.bare.sock.communityUpdateSubject(id, '小区二');
    await at.bare.sock.communityUpdateDescription(id, '新的说明');
    expect(await at.bare.sock.communityMetadata(id)).toMatchObject({ subject: '小区二', desc: '新的说明' });
    await at.bare.sock.communityLeave(id);
    expect(await at.bare.sock.communityFetchAllParticipating()).toEqual({});
    // With it go its groups.
    await expect(at.bare.sock.groupMetadata(linkedGroups[1]?.id ?? '')).rejects.toThrow();
  });

  it('has groups made in it, linked to it and taken out; their members hear its announcements', async () => {
    const member = at.server.contact({ name: 'Neighbour' });
    const made = await at.bare.sock.communityCreate('街坊', '');
    const id = made?.id ?? '';
    const garden = await at.bare.sock.communityCreateGroup('花园', [member.pn], id);
    expect(garden).toMatchObject({ subject: '花园', linkedParent: id });
    const alone = await at.bare.sock.groupCreate('车位', [at.contact.pn]);
    await at.bare.sock.communityLinkGroup(alone.id, id);
    const linked = async () => (await at.bare.sock.communityFetchLinkedGroups(alone.id)).linkedGroups;
    expect((await linked()).map(({ subject }) => subject)).toEqual(['街坊', 'General', '花园', '车位']);
    const announcements = (await linked())[0]?.id ?? '';
    await at.bare.sock.sendMessage(announcements, { text: '明天停水' });
    for (const each of [member, at.contact]) {
      await eventually(() => each.inbox().some(({ text }) => text === '明天停水'), 'the announcement');
    }
    await at.bare.sock.communityUnlinkGroup(alone.id, id);
    expect((await at.bare.sock.groupMetadata(alone.id)).linkedParent).toBeUndefined();
    await at.bare.sock.communityParticipantsUpdate(id, [member.pn], 'remove');
    const left = (await at.bare.sock.groupMetadata(garden?.id ?? '')).participants;
    expect(left.map(({ id: lid }) => lid)).not.toContain(member.lid);
  });

  it('of others takes the client in, and it may not link there', async () => {
    const [owner, other] = [at.server.contact({ name: 'Owner' }), at.server.contact({ name: 'Other' })];
    const group = await at.server.group({ subject: 'G', owner: owner.id, members: [at.phone.id] });
    const { id } = await at.server.community({
      subject: 'C',
      owner: owner.id,
      members: [other.id],
      groups: [group.id],
    });
    const { linkedGroups } = await at.bare.sock.communityFetchLinkedGroups(group.id);
    expect(linkedGroups.map(({ subject }) => subject)).toEqual(['C', 'G']);
    expect((await at.bare.sock.communityMetadata(id)).participants).toHaveLength(3);
    await expect(at.bare.sock.communityUnlinkGroup(group.id, id)).rejects.toThrow('forbidden');
    await expect(
      at.server.community({ subject: 'D', owner: owner.id, members: [], groups: [group.id] }),
    ).rejects.toMatchObject({ code: 'BAD_FIELD' });
  });
});

describe('a group whose admins decide', () => {
  it('tells the client who asks, lets in whom it approves and forgets whom it rejects', async () => {
    const [yes, no] = [at.server.contact({ name: 'Yes' }), at.server.contact({ name: 'No' })];
    const { id } = await at.bare.sock.groupCreate('审核', [at.contact.pn]);
    await at.bare.sock.groupJoinApprovalMode(id, 'on');
    await at.bare.sock.groupMemberAddMode(id, 'all_member_add');
    expect(await at.bare.sock.groupMetadata(id)).toMatchObject({ joinApprovalMode: true, memberAddMode: true });
    await at.server.askToJoin(id, [yes.id, no.id]);
    await at.told('group.join-request', { id, participant: yes.lid, action: 'created' });
    const waiting = await at.bare.sock.groupRequestParticipantsList(id);
    expect(waiting.map(({ jid }) => jid)).toEqual([yes.lid, no.lid]);
    expect(await at.bare.sock.groupRequestParticipantsUpdate(id, [yes.lid], 'approve')).toEqual([
      { status: '200', jid: yes.lid },
    ]);
    await at.bare.sock.groupRequestParticipantsUpdate(id, [no.lid], 'reject');
    expect(await at.bare.sock.groupRequestParticipantsUpdate(id, [no.lid], 'approve')).toEqual([
      { status: '404', jid: no.lid },
    ]);
    expect(await at.bare.sock.groupRequestParticipantsList(id)).toEqual([]);
    const { participants } = await at.bare.sock.groupMetadata(id);
    expect(participants.map(({ id: lid }) => lid)).toEqual([expect.any(String), at.contact.lid, yes.lid]);
  });
});

it('keeps all of it over a reconnect', async () => {
  const { memory } = at.bare;
  await at.contact.about('still');
  const again = closing(await synced(await opened(connect(at.server.plainUrl, memory))));
  expect(await again.sock.fetchPrivacySettings(true)).toMatchObject({ last: 'none' });
});

async function pictureOf(jid: string): Promise<string | undefined> {
  return at.bare.sock.profilePictureUrl(jid).catch(() => undefined);
}
