const greatestRedirects = 10;

/** What the headers said of a file, on the way to it. */
export interface RemoteFile {
  /** A strong one, which identifies the bytes. */
  readonly etag: string | undefined;
  /** In hexadecimal, where the server states it (Hugging Face's `x-linked-etag`). */
  readonly sha256: string | undefined;
}

interface RequestOptions {
  readonly signal: AbortSignal | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Follows redirects itself: what identifies the file stands in the first answer, and credentials stay with the host
 * that they are for.
 *
 * @throws Error in words
 */
export async function request(
  url: string,
  { signal, headers }: RequestOptions,
): Promise<{ response: Response; remote: RemoteFile }> {
  let location = new URL(url);
  const { origin } = location;
  let sha256: string | undefined;
  for (let hop = 0; hop <= greatestRedirects; hop++) {
    const { authorization, ...others } = headers;
    const response = await fetch(location, {
      redirect: 'manual',
      headers: location.origin === origin && authorization !== undefined ? headers : others,
      signal: signal ?? null,
    }).catch((cause: Error) => {
      signal?.throwIfAborted();
      const reason = cause.cause instanceof Error ? cause.cause.message || cause.cause.name : cause.message;
      throw new Error(`${location.host} cannot be reached: ${reason}`, { cause });
    });
    sha256 ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get('x-linked-etag') ?? '')?.[1];
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (next === null) {
      const etag = response.headers.get('etag');
      return { response, remote: { etag: etag === null || etag.startsWith('W/') ? undefined : etag, sha256 } };
    }
    await response.body?.cancel();
    location = new URL(next, location);
    if (location.protocol !== 'https:' && location.protocol !== new URL(url).protocol) {
      throw new Error(`redirected to ${location.protocol}//${location.host}, which is not https`);
    }
  }
  throw new Error(`redirected more than ${greatestRedirects} times`);
}
