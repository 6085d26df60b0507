{# Which column of core a field of PageExtraction fills, for each kind of row. #}
{% macro evidence_columns() -%}
    {%- set columns = {
        'productions': {
            'opera_title': 'production_title', 'production_title': 'production_title', 'season': 'season_id',
            'language': 'language', 'genre': 'genre', 'venue': 'venue_name', 'production_type': 'production_type',
            'presentation': 'presentation', 'is_family': 'is_family', 'is_world_premiere': 'is_world_premiere',
            'premiere_date': 'premiere_date', 'closing_date': 'closing_date', 'duration_minutes': 'duration_minutes',
            'intermissions': 'intermissions'
        },
        'seasons': {'season': 'season_name'},
        'opera_works': {
            'title': 'title', 'opera_title': 'title', 'production_title': 'title', 'composer': 'composer',
            'librettist': 'librettist', 'genre': 'genre'
        },
        'composers': {'composer': 'name'},
        'production_works': {
            'title': 'opera_work_id', 'opera_title': 'opera_work_id', 'production_title': 'opera_work_id',
            'version': 'version', 'extent': 'extent'
        },
        'performances': {
            'date': 'performance_date', 'time': 'performance_time', 'venue': 'venue_name', 'city': 'city',
            'status': 'status', 'availability': 'availability', 'type': 'performance_type',
            'premiere_date': 'performance_type', 'ticket_url': 'ticket_url'
        },
        'performers': {'performer': 'name', 'replaces': 'name', 'name': 'name', 'voice_type': 'voice_type'},
        'opera_roles': {'role': 'role_name', 'voice_type': 'voice_type'},
        'cast_assignments': {
            'performer': 'performer_id', 'role': 'role_name_printed', 'voice_type': 'voice_type_printed', 'kind': 'kind',
            'replaces': 'replaces_performer_id'
        },
        'creative_assignments': {'name': 'performer_id', 'function': 'function'},
        'ticket_prices': {
            'category': 'category', 'min': 'price_min', 'max': 'price_max', 'currency': 'currency_code',
            'qualifier': 'qualifier', 'kind': 'kind'
        },
        'companies': {'name': 'name', 'city': 'city', 'country': 'country', 'co_producers': 'name'},
        'production_companies': {'co_producers': 'company_id'},
        'venues': {'venue': 'name', 'city': 'city'},
        'financial_data': {
            'fiscal_year': 'fiscal_year', 'period_start': 'period_start_date', 'period_end': 'period_end_date',
            'currency': 'currency_code', 'is_estimated': 'is_estimated', 'total_revenue': 'total_revenue',
            'ticket_revenue': 'ticket_revenue', 'subscription_revenue': 'subscription_revenue',
            'donation_revenue': 'donation_revenue', 'government_grants': 'government_grants',
            'corporate_sponsorship': 'corporate_sponsorship', 'endowment_income': 'endowment_income',
            'other_revenue': 'other_revenue', 'total_expenses': 'total_expenses', 'artist_fees': 'artist_fees',
            'production_costs': 'production_costs', 'venue_costs': 'venue_costs', 'marketing_costs': 'marketing_costs',
            'administrative_costs': 'administrative_costs', 'other_expenses': 'other_expenses'
        }
    } -%}
    {{ return(columns) }}
{%- endmacro %}
