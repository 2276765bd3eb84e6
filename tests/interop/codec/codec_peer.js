// Runs our codec as a child process; its path is in $CODEC_PEER.
const { execFileSync } = require('node:child_process');

const peer = process.env.CODEC_PEER;
if (!peer) throw new Error('CODEC_PEER is not set');

/** Every PDU that we send: Map of name → Buffer. */
exports.written = () =>
  new Map(
    execFileSync(peer, ['write'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name, hex]) => [name, Buffer.from(hex, 'hex')]),
  );

/** What our decoder sees in each of these buffers. */
exports.read = (buffers) =>
  execFileSync(peer, ['read'], { encoding: 'utf8', input: buffers.map((b) => b.toString('hex') + '\n').join('') })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
