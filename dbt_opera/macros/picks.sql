{# The first value that is known, best source first. `ranking` must order the rows totally, or the pick would depend on
   the order in which pages arrived. #}
{% macro first_known(value, ranking='pick_rank') -%}
    (array_agg({{ value }} order by {{ ranking }}) filter (where {{ value }} is not null))[1]
{%- endmacro %}

{# Share of the named columns that are filled, 0 to 1. #}
{% macro calculate_quality_score(columns) -%}
    round(num_nonnulls({{ columns | join(', ') }})::numeric / {{ columns | length }}, 2)
{%- endmacro %}
