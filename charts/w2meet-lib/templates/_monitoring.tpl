{{/* Where traces go and who reads metrics: what the values say, else what the chart monitoring says of itself. */}}

{{- define "w2meet-lib.tracingEndpoint" -}}
{{- $bundled := .Values.global.monitoring | default dict -}}
{{- .Values.global.tracing.endpoint | default (tpl ($bundled.tracingEndpoint | default "") .) -}}
{{- end -}}

{{- define "w2meet-lib.tracingTo" -}}
{{- $bundled := .Values.global.monitoring | default dict -}}
{{- if .Values.global.tracing.endpoint -}}
{{- toYaml .Values.global.tracing.to -}}
{{- else -}}
{{- tpl (toYaml ($bundled.tracingTo | default list)) . -}}
{{- end -}}
{{- end -}}

{{- define "w2meet-lib.metricsFrom" -}}
{{- $bundled := .Values.global.monitoring | default dict -}}
{{- tpl (toYaml (concat .Values.global.networkPolicy.metricsFrom ($bundled.metricsFrom | default list))) . -}}
{{- end -}}
