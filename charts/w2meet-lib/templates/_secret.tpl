{{/*
A password that stays the same: the one that the Secret `name` has already under `key`, else a random one. Where the
cluster cannot be asked, as in `helm template`, it is random each time; name an existing Secret there.
*/}}
{{- define "w2meet-lib.lastingPassword" -}}
{{- $present := lookup "v1" "Secret" .root.Release.Namespace .name -}}
{{- $old := get ($present.data | default dict) (.key | default "password") -}}
{{- if $old -}}{{ b64dec $old }}{{- else -}}{{ randAlphaNum 32 }}{{- end -}}
{{- end -}}
