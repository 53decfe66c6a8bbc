import { MessageType } from './message-type.ts';

export const AnyValue = new MessageType('AnyValue', {});

const ArrayValue = new MessageType('ArrayValue', { 1: ['values', AnyValue, 'repeated'] });

export const KeyValue = new MessageType('KeyValue', {
  1: ['key', 'string'],
  2: ['value', AnyValue],
  3: ['keyStrindex', 'int32'],
});

const KeyValueList = new MessageType('KeyValueList', { 1: ['values', KeyValue, 'repeated'] });

AnyValue.add({
  1: ['stringValue', 'string', 'oneof'],
  2: ['boolValue', 'bool', 'oneof'],
  3: ['intValue', 'int64', 'oneof'],
  4: ['doubleValue', 'double', 'oneof'],
  5: ['arrayValue', ArrayValue, 'oneof'],
  6: ['kvlistValue', KeyValueList, 'oneof'],
  7: ['bytesValue', 'bytes', 'oneof'],
  8: ['stringValueStrindex', 'int32', 'oneof'],
});

export const InstrumentationScope = new MessageType('InstrumentationScope', {
  1: ['name', 'string'],
  2: ['version', 'string'],
  3: ['attributes', KeyValue, 'repeated'],
  4: ['droppedAttributesCount', 'uint32'],
});

const EntityRef = new MessageType('EntityRef', {
  1: ['schemaUrl', 'string'],
  2: ['type', 'string'],
  3: ['idKeys', 'string', 'repeated'],
  4: ['descriptionKeys', 'string', 'repeated'],
});

export const Resource = new MessageType('Resource', {
  1: ['attributes', KeyValue, 'repeated'],
  2: ['droppedAttributesCount', 'uint32'],
  3: ['entityRefs', EntityRef, 'repeated'],
});
