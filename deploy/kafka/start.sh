#!/usr/bin/env bash
# Start the broker of production: SCRAM accounts, and only what an ACL allows. The first start creates the accounts.
# Passwords are passed in the environment and in private files, because every process can read a command line.
set -euo pipefail
umask 077
own=$(mktemp -d)
cp /etc/quartet/server.properties "$own/server.properties"

{
  printf '%s\n' format --ignore-formatted --cluster-id UXVhcnRldC1vbi1LYWZrYQ --config "$own/server.properties"
  for account in admin catalog orders payments users; do
    password=${account^^}_KAFKA_PASSWORD
    [ "$account" != admin ] || password=KAFKA_ADMIN_PASSWORD
    printf '%s\n' --add-scram "SCRAM-SHA-512=[name=$account,password=${!password}]"
  done
} >"$own/format"
/opt/kafka/bin/kafka-storage.sh "@$own/format"
rm "$own/format"

# For administration inside this container: kafka-acls.sh --command-config /tmp/admin.properties …
cat >/tmp/admin.properties <<END
security.protocol=SASL_PLAINTEXT
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="$KAFKA_ADMIN_PASSWORD";
END
exec /opt/kafka/bin/kafka-server-start.sh "$own/server.properties"
