# SPDX-License-Identifier: Apache-2.0
# Certificates for tests, good and bad, made anew in a few seconds by the openssl command. Sourced by sh:
#
#   certificates DIR                 makes all of the following in DIR (NAME.pem and NAME.key each)
#   certificate NAME SUBJECT-ALT-NAMES [USAGE [CA]]   one more, valid until 2049; DIR is where certificates made its own
#
#   ca                  whom everybody trusts             crl.pem         what it and middle have revoked
#   server              localhost, 127.0.0.1, ::1         client          URI:https://dure.test/id-in/Cclient, DNS:client.dure.test
#   server-expired      ended in 2021                     client-expired
#   server-revoked      stands in crl.pem                 client-revoked
#   server-wrong-usage  may only be a client              client-wrong-usage  may only be a server
#   server-wrong-name   for elsewhere.example             client-second   URI:https://dure.test/id-in/Csecond
#   server-second       as server, another key            middle          an authority below ca
#   client-middle       signed by middle; the chain is in the file
#   stranger-ca         whom nobody trusts                server-stranger client-stranger

certificates() {
	certificates_dir=$1
	mkdir -p "$1"
	(
		cd "$1" && mkdir -p ca.d middle.d stranger-ca.d || exit 1
		for ca in ca middle stranger-ca; do
			: >$ca.d/index
			echo 1000 >$ca.d/serial
			echo 01 >$ca.d/crlnumber
		done
		certificates_config
		certificates_authority ca ca && certificates_authority stranger-ca stranger-ca && certificates_authority middle ca
	) >"$1/openssl.log" 2>&1 || { cat "$1/openssl.log" >&2; return 1; }
	certificates_here=DNS:localhost,IP:127.0.0.1,IP:::1
	certificates_client=URI:https://dure.test/id-in/Cclient,DNS:client.dure.test
	certificate server $certificates_here serverAuth &&
		certificate server-second $certificates_here serverAuth &&
		certificate server-revoked $certificates_here serverAuth &&
		certificate server-wrong-usage $certificates_here clientAuth &&
		certificate server-wrong-name DNS:elsewhere.example serverAuth &&
		certificate server-stranger $certificates_here serverAuth stranger-ca &&
		certificate client $certificates_client clientAuth &&
		certificate client-second URI:https://dure.test/id-in/Csecond clientAuth &&
		certificate client-revoked $certificates_client clientAuth &&
		certificate client-wrong-usage $certificates_client serverAuth &&
		certificate client-stranger $certificates_client clientAuth stranger-ca &&
		certificate client-middle $certificates_client clientAuth middle &&
		certificate server-expired $certificates_here serverAuth ca 20210101000000Z &&
		certificate client-expired $certificates_client clientAuth ca 20210101000000Z || return 1
	cat "$1/middle.pem" >>"$1/client-middle.pem"
	certificates_revoke ca server-revoked client-revoked && certificates_revoke middle && certificates_revoke stranger-ca || return 1
	cat "$1/ca.crl" "$1/middle.crl" >"$1/crl.pem"
}

# certificate NAME SUBJECT-ALT-NAMES [USAGE [CA [UNTIL]]]
certificate() {
	(
		cd "$certificates_dir" || exit 1
		certificates_key "$1" &&
			SAN=$2 USAGE=${3:-clientAuth,serverAuth} CA=${4:-ca} openssl ca -batch -notext -config openssl.cnf -name any \
				-extensions leaf -in "$1.csr" -out "$1.pem" -startdate 20200101000000Z -enddate "${5:-20491231000000Z}"
	) >>"$certificates_dir/openssl.log" 2>&1 || { tail -n 20 "$certificates_dir/openssl.log" >&2; return 1; }
}

# certificates_revoke CA [NAME...]: and writes CA.crl anew
certificates_revoke() {
	(
		cd "$certificates_dir" || exit 1
		export CA=$1 SAN=DNS:a USAGE=clientAuth
		shift
		for name; do openssl ca -config openssl.cnf -name any -revoke "$name.pem" || exit 1; done
		openssl ca -config openssl.cnf -name any -gencrl -crldays 3650 -out "$CA.crl"
	) >>"$certificates_dir/openssl.log" 2>&1 || { tail -n 20 "$certificates_dir/openssl.log" >&2; return 1; }
}

certificates_key() { # NAME
	SAN=DNS:a USAGE=clientAuth CA=ca openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" \
		-out "$1.csr" -subj "/CN=$1" -config openssl.cnf
}

certificates_authority() { # NAME SIGNER
	certificates_key "$1" || return 1
	if [ "$1" = "$2" ]; then set -- "$1" "$2" -selfsign -keyfile "$1.key"; fi
	name=$1 CA=$2
	export CA
	shift 2
	SAN=DNS:a USAGE=clientAuth openssl ca -batch -notext -config openssl.cnf -name any -extensions authority "$@" \
		-in "$name.csr" -out "$name.pem" -startdate 20200101000000Z -enddate 20491231000000Z
}

certificates_config() {
	cat >openssl.cnf <<-'CONF'
		[req]
		distinguished_name = name
		[name]
		[any]
		database = $ENV::CA.d/index
		serial = $ENV::CA.d/serial
		crlnumber = $ENV::CA.d/crlnumber
		new_certs_dir = $ENV::CA.d
		certificate = $ENV::CA.pem
		private_key = $ENV::CA.key
		default_md = sha256
		default_days = 3650
		unique_subject = no
		policy = policy
		[policy]
		commonName = supplied
		[leaf]
		basicConstraints = critical,CA:FALSE
		keyUsage = critical,digitalSignature
		extendedKeyUsage = $ENV::USAGE
		subjectAltName = $ENV::SAN
		[authority]
		basicConstraints = critical,CA:TRUE
		keyUsage = critical,keyCertSign,cRLSign
		subjectKeyIdentifier = hash
	CONF
}
