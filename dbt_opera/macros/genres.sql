{# What the marts count, as a list of SQL. #}
{% macro counted_genres() -%}
    ('{{ var("counted_genres") | join("', '") }}')
{%- endmacro %}
