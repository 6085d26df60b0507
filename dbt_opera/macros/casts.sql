{# Casts that give null where the text is no such value: a model's answer never breaks a build.
   (pg_input_is_valid does this, from PostgreSQL 16 on.) The text is an expression that is costly to repeat, so a subselect
   which the planner may not flatten evaluates it once. #}
{# Real days only, of years in which operas are played; sites use 2099-12-31 for "unknown". #}
{% macro as_date(text) -%}
    (
        select
            case
                when printed !~ '^(1[6-9]|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' then null
                when substr(printed, 1, 4) = '2099' then null
                when
                    substr(printed, 9, 2)::integer <= extract(
                        day from make_date(substr(printed, 1, 4)::integer, substr(printed, 6, 2)::integer, 1)
                        + interval '1 month' - interval '1 day'
                    )
                    then printed::date
            end
        from (select {{ text }} as printed offset 0) as leaf
    )
{%- endmacro %}

{# Midnight is how sites store "no time yet". #}
{% macro as_time(text) -%}
    (
        select
            case
                when printed ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' and printed <> '00:00' then printed::time
            end
        from (select {{ text }} as printed offset 0) as leaf
    )
{%- endmacro %}

{% macro as_amount(text) -%}
    (
        select case when printed ~ '^-?[0-9]{1,15}([.][0-9]{1,10})?$' then printed::numeric end
        from (select {{ text }} as printed offset 0) as leaf
    )
{%- endmacro %}

{% macro as_count(text) -%}
    (
        select case when printed ~ '^[0-9]{1,9}$' then printed::integer end
        from (select {{ text }} as printed offset 0) as leaf
    )
{%- endmacro %}

{% macro as_boolean(text) -%}
    case {{ text }} when 'true' then true when 'false' then false end
{%- endmacro %}

{# Codes of a fixed shape (ISO 4217, ISO 639-1). #}
{% macro as_code(text, pattern) -%}
    substring({{ text }} from '{{ pattern }}')
{%- endmacro %}
