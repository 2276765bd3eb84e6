// node-smpp as SMSC: takes any bind, accepts every submit_sm, and sends a receipt for it 50 ms later. Prints one JSON line for
// each PDU that it reads, with its octets; `{"listening": PORT}` comes first.
const smpp = require('smpp');

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
process.stdout.on('error', () => process.exit());  // The test has gone.
let lastId = 0x1000;

/** Gives every whole PDU's octets, in order. Listens beside node-smpp, which reads the socket by itself. */
const tap = (socket, onPdu) => {
  let held = Buffer.alloc(0);
  socket.on('data', (octets) => {
    held = Buffer.concat([held, octets]);
    while (held.length >= 4 && held.length >= held.readUInt32BE(0)) {
      onPdu(held.subarray(0, held.readUInt32BE(0)));
      held = held.subarray(held.readUInt32BE(0));
    }
  });
};

// What some carriers' receipts are like, by account: by data_sm, with the addresses as in the submit, with another network's id in the TLV.
const habits = {
  datasm: { command: 'data_sm' },
  straight: { isTurned: false },
  foreign: { tlvId: '0f8fad5bd9cb469fa16570867728950e' },
};

const receipt = (session, pdu, id, account) => {
  const { command = 'deliver_sm', isTurned = true, tlvId = id } = habits[account] ?? {};
  const [from, to] = isTurned ? [pdu.destination_addr, pdu.source_addr] : [pdu.source_addr, pdu.destination_addr];
  const text = `id:${id} sub:001 dlvrd:001 submit date:2602121200 done date:2602121200 stat:DELIVRD err:000 text:`;
  session[command]({
    source_addr_ton: 1, source_addr_npi: 1, source_addr: from, destination_addr: to,
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    ...(command === 'data_sm' ? { message_payload: text } : { short_message: text }),
    receipted_message_id: tlvId, message_state: smpp.MESSAGE_STATE.DELIVERED,
  }, (answer) => say({ answer: answer.command, status: answer.command_status }));
};

const server = smpp.createServer((session) => {
  let account = '';
  tap(session.socket, (octets) => say({ octets: octets.toString('hex'), account }));
  session.on('pdu', (pdu) => {
    if (pdu.command.startsWith('bind_') && !pdu.isResponse()) {
      account = pdu.system_id;
      say({ account, command: pdu.command });
      if (account === 'dropped') setTimeout(() => session.close(), 50);
      return session.send(pdu.response({ system_id: 'node-smpp' }));
    }
    if (pdu.command === 'submit_sm') {
      const id = (++lastId).toString(16);
      const message = pdu.short_message;
      say({
        account, command: pdu.command, source: pdu.source_addr, sourceTon: pdu.source_addr_ton, destination: pdu.destination_addr,
        coding: pdu.data_coding, text: message.message ?? message, hasUdh: Boolean(message.udh && message.udh.length),
        payload: pdu.message_payload && (pdu.message_payload.message ?? pdu.message_payload.toString()),
        sarTotal: pdu.sar_total_segments, validity: pdu.validity_period,
      });
      session.send(pdu.response({ message_id: id }));
      return setTimeout(() => receipt(session, pdu, id, account), 50);
    }
    if (pdu.command === 'enquire_link' || pdu.command === 'unbind') {
      say({ account, command: pdu.command });
      session.send(pdu.response());
      if (pdu.command === 'unbind') session.close();
    }
    return undefined;
  });
  session.on('error', (error) => say({ error: String(error) }));
});
server.listen(0, '127.0.0.1', () => say({ listening: server.address().port }));
