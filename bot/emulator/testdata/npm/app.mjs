// An app as people write them with Bolt: a command that opens a form, buttons, menus whose options the app finds,
// events, shortcuts, a Home tab and uploads. It knows nothing of the local Slack but its address.
import bolt from '@slack/bolt';

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: bolt.LogLevel.WARN,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL, retryConfig: { retries: 2 } },
});

/** @param {string} text */
const plain = (text) => /** @type {const} */ ({ type: 'plain_text', text });

const toppings = ['cheese', 'chives', 'chorizo', 'olives'];

/** @type {import('@slack/types').ModalView} */
const form = {
  type: 'modal',
  callback_id: 'order',
  title: plain('Order'),
  submit: plain('Order'),
  blocks: [
    { type: 'input', block_id: 'what', label: plain('What'), element: { type: 'plain_text_input', action_id: 'text' } },
    {
      type: 'input', block_id: 'with', label: plain('With'), optional: true,
      element: { type: 'external_select', action_id: 'topping', min_query_length: 1, placeholder: plain('Type') },
    },
    {
      type: 'actions', block_id: 'size',
      elements: [{ type: 'button', action_id: 'bigger', text: plain('Make it bigger') }],
    },
  ],
};

app.command('/order', async ({ ack, client, body, respond }) => {
  if (body.text === 'slowly') {
    await ack();
    await respond({ text: 'It takes a while.', response_type: 'ephemeral' });
    await respond({ text: 'Now it is there.', response_type: 'in_channel' });
    return;
  }
  if (body.text === 'help') {
    await ack({ text: 'Say /order and fill the form.', response_type: 'ephemeral' });
    return;
  }
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: { ...form, private_metadata: body.channel_id } });
});

app.options('topping', async ({ ack, payload }) => {
  const found = toppings.filter((t) => t.startsWith(payload.value));
  await ack({ options: found.map((t) => ({ text: plain(t), value: t })) });
});

app.action('bigger', async ({ ack, body, client }) => {
  await ack();
  if (body.type !== 'block_actions' || !body.view) throw new Error(`bigger came with ${body.type}`);
  const { id, hash, private_metadata } = body.view;
  await client.views.update({
    view_id: id, hash, view: { ...form, private_metadata, title: plain('Big order') },
  });
  await client.views.push({
    trigger_id: body.trigger_id, view: { type: 'modal', title: plain('How big'), blocks: [{ type: 'divider' }], notify_on_close: true, callback_id: 'how-big' },
  });
});

app.view({ callback_id: 'how-big', type: 'view_closed' }, async ({ ack, body, client }) => {
  await ack();
  await client.chat.postMessage({ channel: body.user.id, text: 'You closed it.' });
});

app.view('order', async ({ ack, view, body, client }) => {
  const what = view.state.values.what.text.value ?? '';
  if (what.length < 3) {
    await ack({ response_action: 'errors', errors: { what: 'Say a little more.' } });
    return;
  }
  await ack();
  const topping = view.state.values.with?.topping?.selected_option?.value;
  const order = topping ? `${what} with ${topping}` : what;
  await client.chat.postMessage({
    channel: view.private_metadata,
    text: `<@${body.user.id}> orders ${order}`,
    metadata: { event_type: 'order', event_payload: { what } },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `<@${body.user.id}> orders *${order}*` } },
      {
        type: 'actions', block_id: 'decide',
        elements: [
          { type: 'button', action_id: 'serve', style: 'primary', text: plain('Serve'), value: order },
          { type: 'overflow', action_id: 'more', options: [{ text: plain('Cancel'), value: 'cancel' }] },
        ],
      },
    ],
  });
});

app.action('serve', async ({ ack, action, body, respond, client }) => {
  await ack();
  if (body.type !== 'block_actions' || action.type !== 'button' || !body.message || !body.channel) throw new Error('serve is a button');
  await respond({ text: `Served: ${action.value}`, blocks: [], replace_original: true });
  await client.chat.postMessage({ channel: body.channel.id, text: 'Enjoy it.', thread_ts: body.message.ts });
});

app.action('more', async ({ ack, body, client }) => {
  await ack();
  if (body.type !== 'block_actions' || !body.message || !body.channel) throw new Error('more is in a message');
  await client.chat.delete({ channel: body.channel.id, ts: body.message.ts });
});

app.event('app_mention', async ({ event, say }) => {
  await say({ text: `You called, <@${event.user}>?`, thread_ts: event.ts });
});

app.message(/^draw (\w+)/, async ({ context, message, client }) => {
  const title = context.matches[1];
  await client.files.uploadV2({
    channel_id: message.channel, initial_comment: `Here is ${title}.`, filename: `${title}.png`, title,
    file: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  });
});

app.message('who is here', async ({ message, client, say }) => {
  const names = [];
  for await (const page of client.paginate('conversations.members', { channel: message.channel, limit: 1 })) {
    for (const user of /** @type {import('@slack/web-api').ConversationsMembersResponse} */ (page).members ?? []) {
      const { user: u } = await client.users.info({ user });
      names.push(u?.name);
    }
  }
  await say(names.sort().join(', '));
});

// What goes wrong is told in Slack's own word.
app.message('shout elsewhere', async ({ client, say }) => {
  try {
    await client.chat.postMessage({ channel: 'C0NOWHERE', text: 'Is there anybody?' });
  } catch (err) {
    await say(/** @type {any} */ (err).data.error);
  }
  try {
    await client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x', blocks: [{ type: 'header', text: plain('h'.repeat(151)) }] });
  } catch (err) {
    await say(/** @type {any} */ (err).data.response_metadata.messages.join());
  }
});

app.event('app_home_opened', async ({ event, client }) => {
  if (event.tab !== 'home') return;
  await client.views.publish({
    user_id: event.user,
    view: { type: 'home', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `Welcome home, <@${event.user}>.` } }] },
  });
});

app.event('reaction_added', async ({ event, client }) => {
  if (event.reaction !== 'eyes' || event.item.type !== 'message') return;
  await client.reactions.add({ channel: event.item.channel, timestamp: event.item.ts, name: 'white_check_mark' });
});

app.shortcut('quick_order', async ({ ack, shortcut, client }) => {
  await ack();
  await client.views.open({ trigger_id: shortcut.trigger_id, view: form });
});

app.shortcut({ callback_id: 'repeat', type: 'message_action' }, async ({ ack, shortcut, say }) => {
  await ack();
  await say(`Once more: ${shortcut.message.text}`);
});

// An acknowledgement that finds no socket is no fault of the app's: Slack sends the envelope again.
app.error(async (err) => {
  if (String(err.original ?? err).includes('SMSendWhileNotReadyError')) return;
  console.error(err);
  process.exitCode = 1;
});

await app.start();
console.log('ready');
process.on('SIGTERM', () => app.stop().then(() => process.exit()));
