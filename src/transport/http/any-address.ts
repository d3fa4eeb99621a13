/** What `listen` throws for `::` on a machine without IPv6. */
const WITHOUT_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

/** Listens on an address. For `::`, which means all addresses, a machine without IPv6 listens on `0.0.0.0`. */
export async function onAddress(host: string, listen: (address: string) => Promise<unknown>): Promise<void> {
  try {
    await listen(host);
  } catch (error) {
    if (host !== '::' || !WITHOUT_IPV6.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await listen('0.0.0.0');
  }
}
