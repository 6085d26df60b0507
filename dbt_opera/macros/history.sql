{# Titles are those of one production where one is the other with words around it: "Tosca", "Premiere: Tosca". #}
{% macro titles_alike(one, other) -%}
    (
        strpos(' ' || {{ one }} || ' ', ' ' || {{ other }} || ' ') > 0
        or strpos(' ' || {{ other }} || ' ', ' ' || {{ one }} || ' ') > 0
    )
{%- endmacro %}

{# Two listings on versions of one page are one evening: by date and title, and of several that day by the time, or by
   their order where all of them are still there. #}
{% macro same_evening(one, other) -%}
    {{ one }}.performance_date = {{ other }}.performance_date
    and {{ titles_alike(one ~ '.title_key', other ~ '.title_key') }}
    and (
        coalesce({{ one }}.performance_time = {{ other }}.performance_time, true)
        or (
            {{ one }}.evenings_of_day = {{ other }}.evenings_of_day
            and {{ one }}.ordinal_of_day = {{ other }}.ordinal_of_day
        )
    )
{%- endmacro %}

{# The day of a crawl, by which everything that is "known on" a day is counted. #}
{% macro day_of(moment) -%}
    cast({{ moment }} at time zone 'UTC' as date)
{%- endmacro %}

{# The end of what holds until further notice: a date, since comparisons with null answer nothing. #}
{% macro open_end() -%}
    date '9999-12-31'
{%- endmacro %}

{# Names are those of one person where resolution says so, or one is the other with words around it: a title or a mark
   that a newer version prints is no change of cast. #}
{% macro same_person(one, other) -%}
    (
        {{ one }}.person_key = {{ other }}.person_key
        or {{ titles_alike(one ~ '.name_key', other ~ '.name_key') }}
    )
{%- endmacro %}
