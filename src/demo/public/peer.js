/**
 * The connection to one other member: "perfect negotiation" as the WebRTC specification describes it. Both sides run the same
 * code and may make an offer at any time; when two offers cross, the polite side takes its own back and the other ignores
 * the one that comes. Exactly one of the two must be polite.
 *
 * Listeners: `onSignal(event, data)` is to be sent to the other side, `onChange()` follows the states below,
 * `onText(text)` is a chat message, `onStream(stream)` the other's camera and microphone.
 */
export class Peer {
  #connection;
  #channel;
  #polite;
  #listeners;
  #makingOffer = false;
  #ignoringOffer = false;
  #received = Promise.resolve();

  constructor({ polite, iceServers, ...listeners }) {
    this.#polite = polite;
    this.#listeners = listeners;
    const connection = (this.#connection = new RTCPeerConnection({ iceServers }));
    connection.onnegotiationneeded = () => this.#offer().catch((error) => this.#warn(error));
    connection.onicecandidate = ({ candidate }) => candidate && listeners.onSignal('Candidate', candidate);
    connection.oniceconnectionstatechange = () => connection.iceConnectionState === 'failed' && connection.restartIce();
    connection.onconnectionstatechange = () => listeners.onChange();
    connection.ontrack = ({ streams }) => streams[0] && listeners.onStream(streams[0]);

    // Negotiated with a fixed id, both sides have the channel from the start and none has to be announced. Creating it also
    // starts the first negotiation.
    this.#channel = connection.createDataChannel('chat', { negotiated: true, id: 0 });
    this.#channel.onopen = this.#channel.onclose = () => listeners.onChange();
    this.#channel.onmessage = ({ data }) => typeof data === 'string' && listeners.onText(data);
  }

  /** `new`, `connecting`, `connected`, `disconnected`, `failed` or `closed`. */
  get connectionState() {
    return this.#connection.connectionState;
  }

  /** `connecting`, `open`, `closing` or `closed`. */
  get channelState() {
    return this.#channel.readyState;
  }

  /** Shows the other side our camera and microphone; the connection is negotiated again by itself. */
  addStream(stream) {
    for (const track of stream.getTracks()) this.#connection.addTrack(track, stream);
  }

  /** True if the text was sent, false if the channel is not open (yet). */
  say(text) {
    if (this.channelState !== 'open') return false;
    this.#channel.send(text);
    return true;
  }

  /** Takes a signal of the other side. Each waits for the one before it, so a candidate never overtakes its description. */
  receive(event, data) {
    this.#received = this.#received
      .then(() => (event === 'Candidate' ? this.#receiveCandidate(data) : this.#receiveDescription(data)))
      .catch((error) => this.#warn(error));
  }

  close() {
    this.#connection.close();
  }

  async #offer() {
    // The first offer is the impolite side's alone. Both have a reason to make one as soon as they meet, and Chromium does not
    // recover when an offer that sets up the data channel is taken back. The event comes again once that offer is answered.
    if (this.#polite && !this.#connection.remoteDescription) return;
    try {
      this.#makingOffer = true;
      await this.#describe();
    } finally {
      this.#makingOffer = false;
    }
  }

  async #receiveDescription(description) {
    const isOffer = description.type === 'offer';
    const offersCross = isOffer && (this.#makingOffer || this.#connection.signalingState !== 'stable');
    this.#ignoringOffer = offersCross && !this.#polite;
    if (this.#ignoringOffer) return;
    await this.#connection.setRemoteDescription(description); // takes our own offer back if they cross
    if (isOffer) await this.#describe();
  }

  async #receiveCandidate(candidate) {
    try {
      await this.#connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoringOffer) throw error; // else it belongs to the offer that we ignored
    }
  }

  /** Makes the offer or the answer, whichever it is time for, and sends it. */
  async #describe() {
    await this.#connection.setLocalDescription();
    const description = this.#connection.localDescription;
    this.#listeners.onSignal(description.type === 'offer' ? 'Offer' : 'Answer', description);
  }

  #warn(error) {
    if (this.#connection.signalingState !== 'closed') console.warn('Negotiation failed', error);
  }
}
