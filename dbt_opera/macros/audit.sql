{# When a row was first seen, when its pages last said something new, when they were last seen to say it: all by
   staging's clock, never by the build's. #}
{% macro audit_columns(relation) -%}
    min({{ relation }}.first_scraped_at) as created_at,
    max({{ relation }}.scraped_at) as updated_at,
    max({{ relation }}.last_seen_at) as last_confirmed_at
{%- endmacro %}
