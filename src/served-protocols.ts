import type { DynamicModule, ModuleMetadata, Type } from '@nestjs/common';
import { loadOptional } from './common/optional-packages.js';
import { ConfigError } from './config/load-config.js';
import { EasyRtcServicesModule } from './protocols/easyrtc/easyrtc-services.module.js';
import { ConnectorModule } from './protocols/peer2peer-connector/connector.module.js';
import { PeerJsModule } from './protocols/peerjs/peerjs.module.js';
import { ProtocolModule } from './protocols/protocol.module.js';
import type { ProtocolList, ProtocolName, SignalboxStructure } from './signalbox-options.js';
import { isSignalboxGateway } from './transport/signalbox-gateway.js';

type Imports = NonNullable<ModuleMetadata['imports']>;
type Selection = NonNullable<SignalboxStructure['protocols']>;

const BUILT_IN: readonly ProtocolName[] = ['connector', 'peerjs', 'easyrtc'];

/** The modules of the protocols that an application has chosen. */
export class ServedProtocols {
  private readonly served: ProtocolList;

  /** @throws ConfigError for a name of no protocol */
  constructor(protocols: Selection = {}) {
    for (const name of namesIn(protocols)) {
      if (BUILT_IN.includes(name as ProtocolName)) continue;
      throw new ConfigError([`protocols (option of the application) must name ${BUILT_IN.join(', ')}, got '${name}'`]);
    }
    this.served = isList(protocols) ? protocols : BUILT_IN.filter((name) => protocols[name] ?? true);
  }

  /** Returns the modules. Loads the one of EasyRTC, with engine.io and the client libraries, only if it is served. */
  modules(): Imports {
    const modules: Imports = this.served.filter((entry) => typeof entry !== 'string').map(moduleOf);
    if (this.has('connector')) modules.push(ConnectorModule);
    if (this.has('peerjs')) modules.push(PeerJsModule);
    if (this.has('easyrtc')) modules.push(easyRtcModule());
    return modules;
  }

  /** Returns the modules whose services an application may inject. */
  services(): (typeof EasyRtcServicesModule)[] {
    return this.has('easyrtc') ? [EasyRtcServicesModule] : [];
  }

  private has(name: ProtocolName): boolean {
    return this.served.includes(name);
  }
}

function isList(protocols: Selection): protocols is ProtocolList {
  return Array.isArray(protocols);
}

function namesIn(protocols: Selection): string[] {
  return isList(protocols) ? protocols.filter((entry) => typeof entry === 'string') : Object.keys(protocols);
}

/** Returns the module of an own protocol, which its gateway may stand for. */
function moduleOf(entry: Type<object> | DynamicModule): Type<object> | DynamicModule {
  return typeof entry === 'function' && isSignalboxGateway(entry) ? ProtocolModule.forFeature(entry) : entry;
}

/** Nest takes a promise of a module class, too, though its type names only dynamic modules. */
function easyRtcModule(): Promise<DynamicModule> {
  const loaded = loadOptional('EasyRTC', 'set protocols: { easyrtc: false }', async () => {
    const { EasyRtcModule } = await import('./protocols/easyrtc/easyrtc.module.js');
    return EasyRtcModule;
  });
  return loaded as Promise<unknown> as Promise<DynamicModule>;
}
