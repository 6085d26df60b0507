{# A table that was just created has no statistics, and PostgreSQL plans its readers for ten pages: nested loops where a
   hash would do. #}
{% macro analyze() -%}
    {{ "analyze " ~ this if model.config.materialized != 'view' }}
{%- endmacro %}
