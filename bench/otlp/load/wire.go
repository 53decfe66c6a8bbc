package main

import "encoding/binary"

// Wire types of the protobuf encoding.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireLen     = 2
	wireFixed32 = 5
)

func appendTag(b []byte, field, wire int) []byte {
	return binary.AppendUvarint(b, uint64(field<<3|wire))
}

func appendBytes(b []byte, field int, value []byte) []byte {
	b = appendTag(b, field, wireLen)
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

func appendString(b []byte, field int, value string) []byte {
	return appendBytes(b, field, []byte(value))
}

func appendVarint(b []byte, field int, value uint64) []byte {
	return binary.AppendUvarint(appendTag(b, field, wireVarint), value)
}

// sizeOfField is what a length-delimited field takes whose number is below 16.
func sizeOfField(length int) int {
	size := 2 + length
	for rest := length; rest >= 0x80; rest >>= 7 {
		size++
	}
	return size
}

// eachField calls visit with every length-delimited field of a message until that says stop; false if the bytes are no
// message.
func eachField(message []byte, visit func(field int, value []byte) (stop bool)) bool {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return false
		}
		message = message[n:]
		value, n := binary.Uvarint(message)
		switch tag & 7 {
		case wireVarint:
			if n <= 0 {
				return false
			}
			message = message[n:]
		case wireFixed64, wireFixed32:
			width := 8
			if tag&7 == wireFixed32 {
				width = 4
			}
			if len(message) < width {
				return false
			}
			message = message[width:]
		case wireLen:
			if n <= 0 || value > uint64(len(message)-n) {
				return false
			}
			if visit(int(tag>>3), message[n:n+int(value)]) {
				return true
			}
			message = message[n+int(value):]
		default:
			return false
		}
	}
	return true
}
