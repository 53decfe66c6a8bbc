import { type Clock, ManualClock } from '../../collector/clock.ts';
import type { Host, ReceivedTap, Settings } from '../../collector/component.ts';
import { RecordingWriter } from './capture/recording.ts';
import { readRecordingStart } from './capture/recording-reader.ts';
import { ReplayCapture } from './capture/replay.ts';
import type { CaptureSource } from './capture/source.ts';
import type { EbpfConfig } from './config.ts';
import { LiveSource } from './live-source.ts';

/** Where the events come from: the running kernel, or a recording of one. */
export function openSource(settings: Settings, config: EbpfConfig, host: Host): CaptureSource {
  if (config.replay !== undefined) return openReplay(settings, config.replay, host);
  return new LiveSource(
    settings,
    config,
    config.record === undefined ? undefined : openRecording(settings, config.record),
  );
}

/** A replay brings the time of its recording, so that everything waits as long as it did then. */
export function replayClock(config: EbpfConfig): Clock | undefined {
  return config.replay === undefined ? undefined : new ManualClock(readRecordingStart(config.replay));
}

function openReplay(settings: Settings, file: string, host: Host): CaptureSource {
  const replay = new ReplayCapture({
    file,
    clock: settings.clock as ManualClock,
    onWarning: (message) => settings.logger.warn(message),
  });
  return {
    start: async (sink) => {
      await replay.start(sink);
      replay.finished.then(
        () => host.finished(),
        (error: Error) => host.fatal(error),
      );
    },
    shutdown: () => replay.shutdown(),
  };
}

function openRecording(settings: Settings, file: string): RecordingWriter {
  const writer = new RecordingWriter({
    file,
    clock: settings.clock,
    onError: (error) => {
      settings.taps.delete(tap);
      settings.logger.error({ code: error.code }, error.message);
    },
  });
  const tap: ReceivedTap = {
    received: (signal, body, peer) => {
      if (signal === 'traces') writer.otlpTraces(body, peer);
    },
  };
  settings.taps.add(tap);
  return writer;
}
