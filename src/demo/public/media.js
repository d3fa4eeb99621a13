/** Opens camera and microphone, or the one that exists, or neither. Also returns a message about what is missing. */
export async function openMedia() {
  if (!navigator.mediaDevices) {
    return { problem: 'Browsers only give pages the camera over https or on localhost. Text chat works all the same.' };
  }
  for (const wanted of [{ audio: true, video: true }, { audio: true }, { video: true }]) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      return { stream, problem: missing(wanted) };
    } catch (error) {
      if (error.name === 'NotAllowedError') {
        // The user has refused. Asking again for less would only show another prompt.
        return { problem: 'Camera and microphone are blocked for this page. Text chat works all the same.' };
      }
      if (error.name !== 'NotFoundError') console.warn('No camera or microphone', error);
    }
  }
  return { problem: 'No camera and no microphone can be used here. Text chat works all the same.' };
}

function missing({ audio, video }) {
  if (!video) return 'No camera can be used here. The others hear you, and text chat works all the same.';
  if (!audio) return 'No microphone can be used here. The others see you, and text chat works all the same.';
}
