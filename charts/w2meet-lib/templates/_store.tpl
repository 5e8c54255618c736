{{/* How a store is reached: the chart's own values, and for what they leave empty the platform's, under `global`. */}}

{{/* The settings of the store `store` as YAML: own values over global ones. */}}
{{- define "w2meet-lib.store" -}}
{{- $merged := deepCopy (get .root.Values.global .store | default dict) -}}
{{- range $key, $value := get .root.Values .store -}}
{{- if $value }}{{ $_ := set $merged $key $value }}{{ end -}}
{{- end -}}
{{- tpl (toYaml $merged) .root -}}
{{- end -}}

{{/* The Secret that holds the store's address or password: our own when the value is given, else the one named. */}}
{{- define "w2meet-lib.storeSecret" -}}
{{- $store := include "w2meet-lib.store" . | fromYaml -}}
{{- if get $store .value -}}
{{ include "w2meet-lib.fullname" .root }}
{{- else -}}
{{- $store.existingSecret | default "" -}}
{{- end -}}
{{- end -}}

{{/* The key in that Secret; in our own it is always the usual one, `key`. */}}
{{- define "w2meet-lib.storeKey" -}}
{{- $store := include "w2meet-lib.store" . | fromYaml -}}
{{- if or $store.dsn $store.url $store.password $store.secret -}}{{ .key }}{{- else -}}{{ $store.key | default .key }}{{- end -}}
{{- end -}}

{{/* The Secret's name, for a store without which the service cannot work. */}}
{{- define "w2meet-lib.neededSecret" -}}
{{- $name := include "w2meet-lib.storeSecret" . -}}
{{- if not $name -}}
{{- fail (printf "%s needs %s: set %s.%s, or name a Secret in %s.existingSecret; for a whole platform under global" .root.Chart.Name .store .store .value .store) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* The key of the connection string by which tables are brought up to date, where it is another one than the service's. */}}
{{- define "w2meet-lib.migrationKey" -}}
{{- $store := include "w2meet-lib.store" (dict "root" . "store" "postgresql") | fromYaml -}}
{{- if and $store.migrationKey (or $store.dsn (not $store.existingSecret)) -}}
{{- fail (printf "%s: postgresql.migrationKey is a key of the Secret that postgresql.existingSecret names: put both connection strings there" .Chart.Name) -}}
{{- end -}}
{{- $store.migrationKey | default "" -}}
{{- end -}}

{{/* The environment of an init container that brings tables up to date. */}}
{{- define "w2meet-lib.migrateEnv" -}}
- name: PG_DSN
  value: file:/run/secrets/w2meet/{{ ternary "pg-migration-dsn" "pg-dsn" (ne (include "w2meet-lib.migrationKey" .) "") }}
{{- end -}}

{{/* The way to PostgreSQL: through a pooler, if there is one, and past it for migrations. */}}
{{- define "w2meet-lib.egressToPostgres" -}}
{{ include "w2meet-lib.egressToStore" (dict "root" . "store" "postgresql" "port" 5432) }}
{{- $store := include "w2meet-lib.store" (dict "root" . "store" "postgresql") | fromYaml }}
{{- if $store.migrationPort }}
{{ include "w2meet-lib.egressToStore" (dict "root" . "store" "postgresql" "portValue" "migrationPort") }}
{{- end -}}
{{- end -}}

{{/* A Secret of the stores whose address or password was given as a value: `stores` is a list of {store, value, key}. */}}
{{- define "w2meet-lib.ownSecret" -}}
{{- $root := .root -}}
{{- $data := dict -}}
{{- range $wanted := .stores -}}
{{- $store := include "w2meet-lib.store" (dict "root" $root "store" $wanted.store) | fromYaml -}}
{{- with get $store $wanted.value }}{{ $_ := set $data $wanted.key (b64enc .) }}{{ end -}}
{{- end -}}
{{- if $data }}
apiVersion: v1
kind: Secret
metadata:
  {{- include "w2meet-lib.metadata" (dict "root" $root "component" "api") | nindent 2 }}
type: Opaque
data:
  {{- toYaml $data | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* The way to a store through the network: to its peers, or, where nothing is known of them, to its port anywhere. */}}
{{- define "w2meet-lib.egressToStore" -}}
{{- $store := include "w2meet-lib.store" . | fromYaml -}}
- ports:
    - port: {{ get $store (.portValue | default "port") | default .port }}
      protocol: TCP
  {{- with $store.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
