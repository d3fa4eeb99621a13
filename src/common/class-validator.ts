// The parts of class-validator that the server needs: the same classes and rules as those of its entry, which also loads
// libphonenumber-js and validator: 300 files, which applications without class-validator would wait for when they start.
import 'reflect-metadata';
import { createRequire } from 'node:module';
import type * as ClassValidator from 'class-validator';

const load = createRequire(import.meta.url);
const part = (name: string) => load(`class-validator/cjs/${name}.js`) as typeof ClassValidator;

export const { getMetadataStorage } = part('metadata/MetadataStorage');
export const { ValidationTypes } = part('validation/ValidationTypes');
export const { Validator } = part('validation/Validator');
export const { IsDefined } = part('decorator/common/IsDefined');
export const { IsNotEmpty } = part('decorator/common/IsNotEmpty');
export const { IsObject } = part('decorator/typechecker/IsObject');
export const { IsOptional } = part('decorator/common/IsOptional');
export const { IsString } = part('decorator/typechecker/IsString');
export const { ValidateBy } = part('decorator/common/ValidateBy');
export const { ValidateIf } = part('decorator/common/ValidateIf');
export const { ValidateNested } = part('decorator/common/ValidateNested');
