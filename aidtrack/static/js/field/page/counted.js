// @ts-check
/** `fetch`, telling how much of the round's data has come: on a slow line it takes a while. */

/**
 * @param {(bytes: number) => void} tell
 * @param {typeof fetch} [plain]
 * @returns {typeof fetch}
 */
export function counted(tell, plain = (...request) => globalThis.fetch(...request)) {
  return async (address, options) => {
    const response = await plain(address, options);
    if (!/\/pack(\?|$)/.test(String(address)) || !response.ok || !response.body) return response;
    let bytes = 0;
    const counting = new TransformStream({
      transform(part, onward) {
        bytes += part.byteLength;
        tell(bytes);
        onward.enqueue(part);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counting), { status, statusText, headers });
  };
}
