{# A season runs from August to July where nothing else is printed. #}
{% macro season_start_of(date) -%}
    make_date((extract(year from {{ date }} - interval '7 months'))::integer, 8, 1)
{%- endmacro %}

{# First year of a printed season, and how many years it touches: 2026/27, 2026-2027, 26/27, or 2026 of a festival. #}
{% macro printed_season(text) -%}
    coalesce(
        case
            when
                (substring({{ text }} from '(?:19|20)[0-9]{2}\s*[/–—-]\s*(?:19|20)?([0-9]{2})(?![0-9])'))::integer
                = ((substring({{ text }} from '((?:19|20)[0-9]{2})\s*[/–—-]'))::integer + 1) % 100
                then (substring({{ text }} from '((?:19|20)[0-9]{2})\s*[/–—-]')) || '/2'
        end,
        case
            when
                {{ text }} !~ '[0-9]{4}'
                and (substring({{ text }} from '(?:^|[^0-9])[0-9]{2}\s*[/–—-]\s*([0-9]{2})(?![0-9])'))::integer
                = ((substring({{ text }} from '(?:^|[^0-9])([0-9]{2})\s*[/–—-]'))::integer + 1) % 100
                then '20' || (substring({{ text }} from '(?:^|[^0-9])([0-9]{2})\s*[/–—-]')) || '/2'
        end,
        case
            when
                {{ text }} ~ '(?:^|[^0-9])(?:19|20)[0-9]{2}(?![0-9])'
                and {{ text }} !~ '[0-9]\s*[/–—-]\s*[0-9]'
                then (substring({{ text }} from '(?:^|[^0-9])((?:19|20)[0-9]{2})(?![0-9])')) || '/1'
        end
    )
{%- endmacro %}
