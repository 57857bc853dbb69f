// SPDX-License-Identifier: Apache-2.0
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/**
 * Counts records per key in Kafka Streams and writes the counts to a topic, exactly once, in
 * transactions of 100 ms. Measures from the record after the first `warm` to record number `records`,
 * and prints one line of JSON.
 */
public final class KeyedCount {
  private final Map<String, String> options = new HashMap<>();
  private final AtomicLong processed = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(1);
  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long warm;
  private long records;
  private volatile long startNanos;
  private volatile long startCpu;
  private volatile long endNanos;
  private volatile long endCpu;

  private KeyedCount(String[] arguments) {
    for (String argument : arguments) {
      int sign = argument.indexOf('=');
      if (!argument.startsWith("--") || sign < 0) throw new IllegalArgumentException(argument);
      options.put(argument.substring(2, sign), argument.substring(sign + 1));
    }
    records = Long.parseLong(option("records", null));
    warm = Long.parseLong(option("warm", "0"));
  }

  private String option(String name, String otherwise) {
    String value = options.getOrDefault(name, otherwise);
    if (value == null) throw new IllegalArgumentException("--" + name + "= is missing");
    return value;
  }

  private boolean isCached() {
    return option("emit", "all").equals("latest");
  }

  private Properties settings() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, option("group", "keyed-count"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, option("brokers", null));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, option("every", "100"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, option("threads", "1"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, option("state", null));
    // The record cache holds a key's updates back until the commit: the latest count is written.
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, isCached() ? 10 * 1024 * 1024 : 0);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    return settings;
  }

  private void countOne() {
    long number = processed.incrementAndGet();
    if (number == warm + 1) {
      startCpu = system.getProcessCpuTime();
      startNanos = System.nanoTime();
    }
    if (number == records) {
      endNanos = System.nanoTime();
      endCpu = system.getProcessCpuTime();
      done.countDown();
    }
  }

  private KafkaStreams build() {
    boolean onDisk = option("store", "rocksdb").equals("rocksdb");
    Materialized<byte[], Long, org.apache.kafka.streams.state.KeyValueStore<
                                   org.apache.kafka.common.utils.Bytes, byte[]>> store =
        Materialized.as(onDisk ? Stores.persistentKeyValueStore("counts")
                               : Stores.inMemoryKeyValueStore("counts"));
    store.withKeySerde(Serdes.ByteArray()).withValueSerde(Serdes.Long());
    if (isCached()) store.withCachingEnabled();
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(option("input", null), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .peek((key, value) -> countOne())
        .groupByKey(Grouped.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .count(store)
        .toStream()
        .to(option("output", null), Produced.with(Serdes.ByteArray(), Serdes.Long()));
    return new KafkaStreams(builder.build(), settings());
  }

  private void run() throws Exception {
    boolean inTime;
    try (KafkaStreams streams = build()) {
      streams.setUncaughtExceptionHandler(error -> {
        error.printStackTrace();
        done.countDown();
        return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler
            .StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      });
      streams.start();
      inTime = done.await(Long.parseLong(option("limit", "300")), TimeUnit.SECONDS);
      streams.close(Duration.ofSeconds(60));  // Commits what is open.
    }
    if (!inTime || endNanos == 0) {
      System.err.println("KeyedCount: " + processed.get() + " of " + records + " records");
      System.exit(1);
    }
    print();
  }

  private void print() {
    double measured = records - warm;
    double seconds = (endNanos - startNanos) / 1e9;
    System.out.printf(
        "{\"name\": \"kafka/streams/%s/emit=%s\", \"records\": %d, \"seconds\": %.3f, "
            + "\"per_second\": %.0f, \"cpu_ns\": %.0f}%n",
        option("store", "rocksdb"), option("emit", "all"), (long) measured, seconds,
        measured / seconds, (endCpu - startCpu) / measured);
  }

  public static void main(String[] arguments) throws Exception {
    new KeyedCount(arguments).run();
  }
}
